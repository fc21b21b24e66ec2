// MobileNet V1 (Howard et al. 1704.04861), of depthwise separable convolutions, and V2 (Sandler et
// al. 1801.04381), of inverted residuals with linear bottlenecks. Five layers may halve the image;
// `strides` says which do. Tested by zoo_test.cc.
#include <algorithm>

#include <fmt/format.h>

#include "zoo/builder.h"

namespace mote::zoo {
namespace {

constexpr Activation kRelu6 = Activation::relu6;

ValueId separable(Builder& net, ValueId x, int32_t channels, int32_t stride,
                  const std::string& name) {
  x = net.depthwise_bn(x, name + "/depthwise", {.stride = stride, .activation = kRelu6});
  return net.conv_bn(x, channels, name + "/pointwise", {.kernel = 1, .activation = kRelu6});
}

// A 1x1 expansion, a depthwise convolution and a 1x1 projection that is linear, so that nothing is
// lost in the few channels that it leaves.
ValueId inverted_residual(Builder& net, ValueId x, int32_t channels, int32_t stride,
                          int32_t expansion, const std::string& name) {
  const int32_t inner = expansion * net.shape(x)[3];
  ValueId y = x;
  if (expansion > 1)
    y = net.conv_bn(y, inner, name + "/expand", {.kernel = 1, .activation = kRelu6});
  y = net.depthwise_bn(y, name + "/depthwise", {.stride = stride, .activation = kRelu6});
  y = net.conv_bn(y, channels, name + "/project", {.kernel = 1, .activation = Activation::none});
  return net.shape(x) == net.shape(y) ? net.add(x, y, name + "/add") : y;
}

// The reference implementation's rounding: a multiple of 8 that is not below 90 % of `channels`.
int32_t multiple_of_8(double channels) {
  const int32_t rounded = std::max(8, static_cast<int32_t>(channels + 4) / 8 * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

}  // namespace

Graph mobilenet_v1(const Plan& plan) {
  struct Block {
    int32_t channels;
    bool halves;
  };
  constexpr Block kBlocks[] = {{64, false},  {128, true},  {128, false}, {256, true},  {256, false},
                               {512, true},  {512, false}, {512, false}, {512, false}, {512, false},
                               {512, false}, {1024, true}, {1024, false}};
  Builder net(plan);
  auto stride = plan.strides.begin();
  ValueId x =
      net.conv_bn(net.input(), net.scaled(32), "stem", {.stride = *stride++, .activation = kRelu6});
  int32_t number = 0;
  for (const Block& block : kBlocks)
    x = separable(net, x, net.scaled(block.channels), block.halves ? *stride++ : 1,
                  fmt::format("block{}", ++number));
  return net.classify(net.global_average(x));
}

Graph mobilenet_v2(const Plan& plan) {
  struct Stage {
    int32_t expansion, channels, blocks;
    bool halves;
  };
  constexpr Stage kStages[] = {{1, 16, 1, false}, {6, 24, 2, true},  {6, 32, 3, true},
                               {6, 64, 4, true},  {6, 96, 3, false}, {6, 160, 3, true},
                               {6, 320, 1, false}};
  Builder net(plan);
  auto stride = plan.strides.begin();
  ValueId x = net.conv_bn(net.input(), multiple_of_8(32 * plan.width), "stem",
                          {.stride = *stride++, .activation = kRelu6});
  int32_t number = 0;
  for (const Stage& stage : kStages)
    for (int32_t block = 0; block < stage.blocks; block++)
      x = inverted_residual(net, x, multiple_of_8(stage.channels * plan.width),
                            block == 0 && stage.halves ? *stride++ : 1, stage.expansion,
                            fmt::format("block{}", ++number));
  // The paper widens the last layer with the others, but does not make it narrower.
  x = net.conv_bn(x, multiple_of_8(1280 * std::max(1.0, plan.width)), "last",
                  {.kernel = 1, .activation = kRelu6});
  return net.classify(net.global_average(x));
}

}  // namespace mote::zoo
