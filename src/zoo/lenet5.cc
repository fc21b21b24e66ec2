// LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998) as it is built today: ReLU for tanh, max pooling
// for trained subsampling, all channels connected. 61,706 parameters at 28x28x1. Tested by
// zoo_test.cc.
#include "zoo/builder.h"

namespace mote::zoo {

Graph lenet5(const Plan& plan) {
  // The paper centres its 28x28 digits in 32x32.
  const int32_t border = plan.input[0] < 32 ? 2 : 0;
  Builder net(plan);
  ValueId x = net.input();
  x = net.conv_relu(x, net.scaled(6), 5, {border, border, border, border}, "conv1");
  x = net.max_pool(x, "pool1");
  x = net.conv_relu(x, net.scaled(16), 5, {}, "conv2");
  x = net.flatten(net.max_pool(x, "pool2"));
  x = net.relu(net.dense(x, net.scaled(120), "dense1"), "dense1/relu");
  x = net.relu(net.dense(x, net.scaled(84), "dense2"), "dense2/relu");
  return net.classify(x);
}

}  // namespace mote::zoo
