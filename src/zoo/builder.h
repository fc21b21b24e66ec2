// Writes a float network layer by layer, with seeded initial weights: He-normal before a ReLU
// (He et al. 1502.01852), biases 0, batch norms 1 and 0.
#pragma once

#include <cstdint>
#include <string>

#include "ir/graph.h"

namespace mote::zoo {

// What a network's builder is told; `width` multiplies the channels of all but the last layer.
struct Plan {
  std::string name;
  Shape input;  // [H, W, C]
  int32_t classes = 10;
  double width = 1.0;
  uint64_t seed = 1;
};

struct ConvOptions {
  int32_t kernel = 3;
  int32_t stride = 1;
  bool relu = true;
};

class Builder {
 public:
  // A graph with one input of raw pixels, "image", that its preprocessing scales by 1/255.
  explicit Builder(const Plan& plan);

  ValueId input() const { return graph_.inputs[0]; }
  const Shape& shape(ValueId x) const { return graph_.value(x).type.shape; }
  // Channels after `width`, at least 1.
  int32_t scaled(int32_t channels) const;

  // Convolution (padding SAME, no bias), batch norm, and ReLU where asked for.
  ValueId conv_bn(ValueId x, int32_t channels, const std::string& name, ConvOptions options = {});
  // Convolution with a bias and ReLU.
  ValueId conv_relu(ValueId x, int32_t channels, int32_t kernel, Padding padding,
                    const std::string& name);
  // 1x1 convolution with a bias: the shortcut of a residual block that changes the shape.
  ValueId project(ValueId x, int32_t channels, int32_t stride, const std::string& name);
  ValueId max_pool(ValueId x, const std::string& name);  // 2x2, stride 2
  ValueId add_relu(ValueId a, ValueId b, const std::string& name);
  ValueId flatten(ValueId x);
  ValueId global_average(ValueId x);  // [N, H, W, C] to [N, C]
  ValueId dense(ValueId x, int32_t units, const std::string& name);
  ValueId relu(ValueId x, const std::string& name);

  // Dense layer and softmax: the network's output, "probabilities".
  Graph classify(ValueId x);

 private:
  ValueId weights(Shape shape, const std::string& name);
  ValueId filled(int32_t count, float value, const std::string& name);
  ValueId convolution(ValueId x, int32_t channels, int32_t kernel, int32_t stride, Padding padding,
                      ValueId bias, const std::string& name);

  Plan plan_;
  Graph graph_;
};

// One per row of networks.inc.
#define MOTE_NETWORK(name, ...) Graph name(const Plan& plan);
#include "zoo/networks.inc"
#undef MOTE_NETWORK

}  // namespace mote::zoo
