// Our own network, for 64 KB of flash and 16 KB of RAM after int8: 44,022 weights at 32x32x3, and
// no layer whose input and output together need more than 11,264 bytes. The first convolution
// already halves the image, so that the widest tensor is 16x16x22. Tested by zoo_test.cc.
#include "zoo/builder.h"

namespace mote::zoo {

Graph custom(const Plan& plan) {
  struct Layer {
    const char* name;
    int32_t channels;
    int32_t stride;
  };
  constexpr Layer kLayers[] = {{"conv1", 22, 2}, {"conv2", 22, 1}, {"conv3", 32, 2},
                               {"conv4", 32, 1}, {"conv5", 32, 1}, {"conv6", 48, 2}};
  Builder net(plan);
  ValueId x = net.input();
  for (const Layer& layer : kLayers)
    x = net.conv_bn(x, net.scaled(layer.channels), layer.name, {.stride = layer.stride});
  return net.classify(net.global_average(x));
}

}  // namespace mote::zoo
