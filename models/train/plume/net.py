"""The network: one small convolution per picture with shared weights, the eight stacked, three separable blocks."""

import torch
from torch import nn

from features import CELLS, CHANNELS, CLASSES, FRAMES


def _separable(inside, outside, stride=1):
    return nn.Sequential(
        nn.Conv2d(inside, inside, 3, stride, 1, groups=inside, bias=False), nn.BatchNorm2d(inside), nn.ReLU(),
        nn.Conv2d(inside, outside, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(),
    )


class PlumeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(len(CHANNELS), 20, 3, padding=1, bias=False), nn.BatchNorm2d(20), nn.ReLU())
        self.join = nn.Sequential(nn.Conv2d(20 * FRAMES + 40, 64, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU())
        self.deep = nn.Sequential(_separable(64, 64), _separable(64, 96, 2), _separable(96, 96))
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(192, len(CLASSES))

    def forward(self, x):
        look = self.look(x.reshape(-1, len(CHANNELS), CELLS, CELLS)).reshape(-1, FRAMES, 20, CELLS, CELLS)
        # The order of pictures is kept in the stack; mean and spread say how much changes without saying when.
        mean = look.mean(1)
        spread = (look - mean.unsqueeze(1)).abs().mean(1)
        deep = self.deep(self.join(torch.cat([look.reshape(-1, 20 * FRAMES, CELLS, CELLS), mean, spread], 1)))
        return self.out(self.drop(torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)))


class WithSoftmax(nn.Module):
    """What is exported: logits over `temperature`, then probabilities."""

    def __init__(self, net, temperature):
        super().__init__()
        self.net, self.temperature = net, temperature

    def forward(self, cells):
        return torch.softmax(self.net(cells) / self.temperature, 1)
