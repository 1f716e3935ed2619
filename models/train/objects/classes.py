"""Classes of the objects network, in the order of its outputs."""

CLASSES = [
    'person', 'two_wheeler', 'tricycle', 'car', 'truck', 'bus', 'vehicle',
    'vendor_stall', 'umbrella', 'handcart', 'grill', 'goods', 'debris',
]
INDEX = {name: index for index, name in enumerate(CLASSES)}
VEHICLE = INDEX['vehicle']
# `vehicle` is positive for any motor vehicle; these are the finer words for one.
VEHICLE_KINDS = [INDEX['car'], INDEX['truck'], INDEX['bus']]
