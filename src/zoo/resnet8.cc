// The image classification network of MLPerf Tiny (Banbury et al. 2106.07597): a 3x3 stem, three
// residual stacks of which the last two halve the image, global average. Tested by zoo_test.cc.
#include "zoo/builder.h"

namespace mote::zoo {
namespace {

// Two 3x3 convolutions, and a shortcut that is a 1x1 convolution without batch norm where the shape
// changes, as in the benchmark's own model.
ValueId stack(Builder& net, ValueId x, int32_t channels, int32_t stride, const std::string& name) {
  ValueId y = net.conv_bn(x, channels, name + "/conv1", {.stride = stride});
  y = net.conv_bn(y, channels, name + "/conv2", {.relu = false});
  if (net.shape(x) != net.shape(y)) x = net.project(x, channels, stride, name + "/shortcut");
  return net.add_relu(x, y, name + "/add");
}

}  // namespace

Graph resnet8(const Plan& plan) {
  Builder net(plan);
  ValueId x = net.conv_bn(net.input(), net.scaled(16), "stem");
  x = stack(net, x, net.scaled(16), 1, "stack1");
  x = stack(net, x, net.scaled(32), 2, "stack2");
  x = stack(net, x, net.scaled(64), 2, "stack3");
  return net.classify(net.global_average(x));
}

}  // namespace mote::zoo
