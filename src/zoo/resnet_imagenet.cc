// ResNet-50 and 101 (He et al. 1512.03385) in the form V1.5, which every framework trains: a
// bottleneck strides in its 3x3 convolution. stem=cifar puts a 3x3 convolution for the 7x7 one and
// its pooling, so that the stages see the image at its full size. Tested by zoo_test.cc.
#include <array>

#include <fmt/format.h>

#include "zoo/builder.h"

namespace mote::zoo {
namespace {

ValueId bottleneck(Builder& net, ValueId x, int32_t channels, int32_t stride,
                   const std::string& name) {
  const int32_t outer = 4 * channels;
  ValueId y = net.conv_bn(x, channels, name + "/conv1", {.kernel = 1});
  y = net.conv_bn(y, channels, name + "/conv2", {.stride = stride});
  y = net.conv_bn(y, outer, name + "/conv3", {.kernel = 1, .activation = Activation::none});
  if (net.shape(x) != net.shape(y))
    x = net.conv_bn(x, outer, name + "/shortcut",
                    {.kernel = 1, .stride = stride, .activation = Activation::none});
  return net.add(x, y, name + "/add", Activation::relu);
}

Graph bottlenecks(const Plan& plan, const std::array<int32_t, 4>& blocks) {
  Builder net(plan);
  ValueId x = net.input();
  if (plan.stem == Stem::cifar) {
    x = net.conv_bn(x, net.scaled(64), "stem");
  } else {
    x = net.conv_bn(x, net.scaled(64), "stem", {.kernel = 7, .stride = 2});
    x = net.max_pool(x, "stem/pool", 3);
  }
  for (size_t stage = 0; stage < blocks.size(); stage++)
    for (int32_t block = 0; block < blocks[stage]; block++)
      x = bottleneck(net, x, net.scaled(64 << stage), stage > 0 && block == 0 ? 2 : 1,
                     fmt::format("stage{}/block{}", stage + 1, block + 1));
  return net.classify(net.global_average(x));
}

}  // namespace

Graph resnet50(const Plan& plan) {
  return bottlenecks(plan, {3, 4, 6, 3});
}

Graph resnet101(const Plan& plan) {
  return bottlenecks(plan, {3, 4, 23, 3});
}

}  // namespace mote::zoo
