"""The objects network: dense stem, depthwise body, additive neck, four levels (strides 8 to 64). About 0.56 M parameters."""

import math

import torch
from torch import nn

from classes import CLASSES

STRIDES = (8, 16, 32, 64)


def conv(cin, cout, k=3, stride=1, groups=1, act=True):
    layers = [nn.Conv2d(cin, cout, k, stride, k // 2, groups=groups, bias=False), nn.BatchNorm2d(cout)]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if act else nn.Sequential(*layers)


class Block(nn.Module):
    """Depthwise 3x3, pointwise; residual where the shape allows it."""

    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.residual = cin == cout and stride == 1
        self.body = nn.Sequential(conv(cin, cin, 3, stride, cin), conv(cin, cout, 1))

    def forward(self, x):
        return x + self.body(x) if self.residual else self.body(x)


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16, 3, 2), conv(16, 32, 3, 2), conv(32, 64, 3, 2))
        self.s8 = nn.Sequential(Block(64, 64), Block(64, 64))
        self.s16 = nn.Sequential(Block(64, 128, 2), *[Block(128, 128) for _ in range(4)])
        self.s32 = nn.Sequential(Block(128, 256, 2), Block(256, 256), Block(256, 256))
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.join = conv(512, 256, 1)

    def forward(self, x):
        a = self.s8(self.stem(x))
        b = self.s16(a)
        c = self.s32(b)
        return a, b, self.join(torch.cat([c, self.pool(c)], 1))


class Head(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.body = nn.Sequential(Block(width, width), Block(width, width))
        self.cls = nn.Conv2d(width, classes, 1)
        self.reg = nn.Conv2d(width, 4, 1)
        nn.init.constant_(self.cls.bias, -math.log(99))
        nn.init.zeros_(self.reg.bias)
        nn.init.normal_(self.cls.weight, std=0.01)
        nn.init.normal_(self.reg.weight, std=0.01)

    def forward(self, x):
        x = self.body(x)
        return torch.cat([self.reg(x), self.cls(x)], 1)


class Detector(nn.Module):
    """Input float [B, 3, S, S] in 0..1; output raw [B, cells, 4 + classes], cells level by level, row by row."""

    def __init__(self, width=96, classes=len(CLASSES)):
        super().__init__()
        self.backbone = Backbone()
        self.lateral = nn.ModuleList([conv(c, width, 1) for c in (64, 128, 256)])
        self.down = nn.ModuleList([Block(width, width, 2) for _ in range(3)])
        self.smooth = nn.ModuleList([Block(width, width) for _ in range(2)])
        self.heads = nn.ModuleList([Head(width, classes) for _ in STRIDES])

    def forward(self, x):
        a, b, c = (lateral(f) for lateral, f in zip(self.lateral, self.backbone((x - 0.45) * 4)))
        b = self.smooth[1](b + nn.functional.interpolate(c, scale_factor=2.0, mode='nearest'))
        a = self.smooth[0](a + nn.functional.interpolate(b, scale_factor=2.0, mode='nearest'))
        b = b + self.down[0](a)
        c = c + self.down[1](b)
        levels = (a, b, c, self.down[2](c))
        return torch.cat([head(f).flatten(2) for head, f in zip(self.heads, levels)], 2).transpose(1, 2)


class CropClassifier(nn.Module):
    """The backbone's cheap start: what is on a 64x64 crop (classes and background)."""

    def __init__(self, backbone, classes):
        super().__init__()
        self.backbone = backbone
        self.out = nn.Linear(64 + 128 + 256, classes)

    def forward(self, x):
        return self.out(torch.cat([f.mean((2, 3)) for f in self.backbone((x - 0.45) * 4)], 1))


def cell_grid(size):
    """Centres [cells, 2] and strides [cells] in network pixels, and the number of cells per level."""
    centres, strides, counts = [], [], []
    for stride in STRIDES:
        n = math.ceil(size / stride)
        y, x = torch.meshgrid(torch.arange(n), torch.arange(n), indexing='ij')
        centres.append((torch.stack([x, y], -1).reshape(-1, 2).float() + 0.5) * stride)
        strides.append(torch.full((n * n,), float(stride)))
        counts.append(n * n)
    return torch.cat(centres), torch.cat(strides), counts


def decode_boxes(raw, centres, strides):
    """Distances `2.5 * stride * exp(t)` from the cell's centre -> x1, y1, x2, y2."""
    d = 2.5 * strides[:, None] * torch.exp(raw.clamp(-6, 6))
    return torch.cat([centres - d[..., :2], centres + d[..., 2:]], -1)


class Deployed(nn.Module):
    """What is exported: uint8 [1, S, S, 3] -> boxes [1, cells, 4] in input pixels, scores [1, cells, classes], best score per cell [1, cells]."""

    def __init__(self, net, size):
        super().__init__()
        self.net = net
        centres, strides, _ = cell_grid(size)
        self.register_buffer('centres', centres)
        self.register_buffer('strides', strides)

    def forward(self, pixels):
        raw = self.net(pixels.permute(0, 3, 1, 2).float() / 255)
        scores = torch.sigmoid(raw[..., 4:])
        return decode_boxes(raw[..., :4], self.centres, self.strides), scores, scores.amax(-1)
