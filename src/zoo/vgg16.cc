// VGG16 (Simonyan and Zisserman 1409.1556, column D), plain and with a batch norm behind each
// convolution. stem=cifar, for which only the head differs, has one dense layer of 512 before the
// classifier for the two of 4096 (Liu and Deng 2015). Tested by zoo_test.cc.
#include <fmt/format.h>

#include "zoo/builder.h"

namespace mote::zoo {
namespace {

using Convolution = ValueId (Builder::*)(ValueId, int32_t, const std::string&, ConvOptions);

Graph vgg(const Plan& plan, Convolution convolution) {
  struct Stage {
    int32_t channels;
    int32_t layers;
  };
  constexpr Stage kStages[] = {{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};
  Builder net(plan);
  ValueId x = net.input();
  int32_t number = 0;
  for (const Stage& stage : kStages) {
    number++;
    for (int32_t layer = 1; layer <= stage.layers; layer++)
      x = (net.*convolution)(x, net.scaled(stage.channels), fmt::format("conv{}_{}", number, layer),
                             {.bias = true});
    x = net.max_pool(x, fmt::format("pool{}", number));
  }
  x = net.flatten(x);
  if (plan.stem == Stem::cifar) return net.classify(net.dense_relu(x, net.scaled(512), "dense1"));
  x = net.dense_relu(x, net.scaled(4096), "dense1");
  return net.classify(net.dense_relu(x, net.scaled(4096), "dense2"));
}

}  // namespace

Graph vgg16(const Plan& plan) {
  return vgg(plan, &Builder::conv);
}

Graph vgg16_bn(const Plan& plan) {
  return vgg(plan, &Builder::conv_bn);
}

}  // namespace mote::zoo
