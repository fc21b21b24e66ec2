// Our own network for images of 28x28 in as few bytes as may be: 3,432 weights and 46 biases, every
// size even, so that no pool has a border. The first convolution already halves the image. Without
// batch norms, so that a layer's weights may have one scale. Tested by zoo_test.cc.
#include "zoo/builder.h"

namespace mote::zoo {

Graph pico(const Plan& plan) {
  Builder net(plan);
  ValueId x = net.input();
  x = net.conv(x, net.scaled(8), "conv1", {.kernel = 5, .stride = 2, .bias = true});
  x = net.conv(x, net.scaled(12), "conv2", {.bias = true, .padding = Padding{}});
  x = net.max_pool(x, "pool1");
  x = net.conv(x, net.scaled(16), "conv3", {.bias = true, .padding = Padding{}});
  x = net.max_pool(x, "pool2");
  return net.classify(net.flatten(x));
}

}  // namespace mote::zoo
