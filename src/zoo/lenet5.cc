// LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998) as it is built today: ReLU for tanh, max pooling
// for trained subsampling, all channels connected. 61,706 parameters at 28x28x1. Tested by
// zoo_test.cc.
#include "zoo/builder.h"

namespace mote::zoo {

Graph lenet5(const Plan& plan) {
  // The paper centres its 28x28 digits in 32x32.
  const int32_t border = plan.input[0] < 32 ? 2 : 0;
  const Padding centred{border, border, border, border};
  Builder net(plan);
  ValueId x = net.input();
  x = net.conv(x, net.scaled(6), "conv1", {.kernel = 5, .bias = true, .padding = centred});
  x = net.max_pool(x, "pool1");
  x = net.conv(x, net.scaled(16), "conv2", {.kernel = 5, .bias = true, .padding = Padding{}});
  x = net.flatten(net.max_pool(x, "pool2"));
  x = net.dense_relu(x, net.scaled(120), "dense1");
  x = net.dense_relu(x, net.scaled(84), "dense2");
  return net.classify(x);
}

}  // namespace mote::zoo
