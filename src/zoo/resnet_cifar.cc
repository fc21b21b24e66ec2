// Residual networks for small images. V1 (He et al. 1512.03385, section 4.2) and V2 with
// pre-activation (1603.05027) are those of Keras's CIFAR-10 example: convolutions have biases, and
// a shortcut that changes the shape is a 1x1 convolution without batch norm. resnet8 is the image
// classifier of MLPerf Tiny (Banbury et al. 2106.07597). Tested by zoo_test.cc.
#include <fmt/format.h>

#include "base/error.h"
#include "zoo/builder.h"

namespace mote::zoo {
namespace {

// Two 3x3 convolutions.
ValueId basic_block(Builder& net, ValueId x, int32_t channels, const std::string& name,
                    ConvOptions options) {
  ValueId y = net.conv_bn(x, channels, name + "/conv1", options);
  y = net.conv_bn(y, channels, name + "/conv2",
                  {.activation = Activation::none, .bias = options.bias});
  if (net.shape(x) != net.shape(y))
    x = net.conv(
        x, channels, name + "/shortcut",
        {.kernel = 1, .stride = options.stride, .activation = Activation::none, .bias = true});
  return net.add(x, y, name + "/add", Activation::relu);
}

struct Bottleneck {
  int32_t inner;  // channels of the 3x3 convolution
  int32_t outer;
  int32_t stride;
  bool first;      // of a stage: projects its shortcut
  bool activated;  // whether its input has passed a batch norm and a ReLU already
};

// 1x1, 3x3 and 1x1, each behind its batch norm and ReLU; what is added has passed neither.
ValueId bottleneck_v2(Builder& net, ValueId x, const Bottleneck& block, const std::string& name) {
  const auto conv = [&](ValueId from, int32_t channels, int32_t kernel, int32_t stride,
                        const std::string& layer) {
    return net.conv(
        from, channels, name + layer,
        {.kernel = kernel, .stride = stride, .activation = Activation::none, .bias = true});
  };
  ValueId y = x;
  if (!block.activated) y = net.batch_norm(y, name + "/pre1", Activation::relu);
  y = conv(y, block.inner, 1, block.stride, "/conv1");
  y = net.batch_norm(y, name + "/pre2", Activation::relu);
  y = conv(y, block.inner, 3, 1, "/conv2");
  y = net.batch_norm(y, name + "/pre3", Activation::relu);
  y = conv(y, block.outer, 1, 1, "/conv3");
  if (block.first) x = conv(x, block.outer, 1, block.stride, "/shortcut");
  return net.add(x, y, name + "/add");
}

// Blocks per stage of a network with `per_block` layers times three stages, and two layers more.
int32_t blocks_of(const Plan& plan, int32_t per_block) {
  const int32_t depth = plan.depth == 0 ? 20 : plan.depth;
  const int32_t blocks = (depth - 2) / (3 * per_block);
  if (blocks < 1 || depth != 3 * per_block * blocks + 2)
    throw Error(ErrorKind::usage, fmt::format("depth {}", depth), plan.name,
                fmt::format("a multiple of {} and 2 more", 3 * per_block));
  return blocks;
}

std::string block_name(int32_t stage, int32_t block) {
  return fmt::format("stage{}/block{}", stage + 1, block + 1);
}

}  // namespace

Graph resnet8(const Plan& plan) {
  Builder net(plan);
  ValueId x = net.conv_bn(net.input(), net.scaled(16), "stem");
  x = basic_block(net, x, net.scaled(16), "stack1", {});
  x = basic_block(net, x, net.scaled(32), "stack2", {.stride = 2});
  x = basic_block(net, x, net.scaled(64), "stack3", {.stride = 2});
  return net.classify(net.global_average(x));
}

Graph resnet20_v1(const Plan& plan) {
  const int32_t blocks = blocks_of(plan, 2);
  Builder net(plan);
  ValueId x = net.conv_bn(net.input(), net.scaled(16), "stem", {.bias = true});
  for (int32_t stage = 0; stage < 3; stage++)
    for (int32_t block = 0; block < blocks; block++)
      x = basic_block(net, x, net.scaled(16 << stage), block_name(stage, block),
                      {.stride = stage > 0 && block == 0 ? 2 : 1, .bias = true});
  return net.classify(net.global_average(x));
}

Graph resnet20_v2(const Plan& plan) {
  const int32_t blocks = blocks_of(plan, 3);
  Builder net(plan);
  ValueId x = net.conv_bn(net.input(), net.scaled(16), "stem", {.bias = true});
  for (int32_t stage = 0; stage < 3; stage++)
    for (int32_t block = 0; block < blocks; block++) {
      const bool first = block == 0;
      const Bottleneck shape{.inner = net.scaled(stage == 0 ? 16 : 32 << stage),
                             .outer = net.scaled(64 << stage),
                             .stride = stage > 0 && first ? 2 : 1,
                             .first = first,
                             .activated = stage == 0 && first};
      x = bottleneck_v2(net, x, shape, block_name(stage, block));
    }
  x = net.batch_norm(x, "post", Activation::relu);
  return net.classify(net.global_average(x));
}

}  // namespace mote::zoo
