// Writes a float network layer by layer, with seeded initial weights: He-normal before a ReLU
// (He et al. 1502.01852), biases 0, batch norms 1 and 0. All windows pad as TensorFlow's SAME where
// nothing else is said: published counts do not depend on it, and it costs no Pad on a device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace mote::zoo {

// Which images a network's first and last layers are made for: small ones, or ImageNet's.
enum class Stem : uint8_t { cifar, imagenet };

// What a network's builder is told; `width` multiplies the channels of all but the last layer.
struct Plan {
  std::string name;
  Shape input;  // [H, W, C]
  int32_t classes = 10;
  double width = 1.0;
  uint64_t seed = 1;
  bool shapes_only = false;  // constants have a type and no bytes: to count, not to compute
  // Each network takes those that its row in networks.inc names.
  int32_t depth = 0;  // layers; 0: as many as the network's name says
  Stem stem = Stem::imagenet;
  std::vector<int32_t> strides{};  // of the stem, and of the four later layers that may halve
};

struct ConvOptions {
  int32_t kernel = 3;
  int32_t stride = 1;
  Activation activation = Activation::relu;
  bool bias = false;
  std::optional<Padding> padding{};  // SAME where there is none
};

class Builder {
 public:
  // A graph with one input of raw pixels, "image", that its preprocessing scales by 1/255.
  explicit Builder(const Plan& plan);

  ValueId input() const { return graph_.inputs[0]; }
  const Shape& shape(ValueId x) const { return graph_.value(x).type.shape; }
  // Channels after `width`, at least 1.
  int32_t scaled(int32_t channels) const;

  // Convolution, the bias and the activation that `options` has.
  ValueId conv(ValueId x, int32_t channels, const std::string& name, ConvOptions options = {});
  // The same with a batch norm before the activation.
  ValueId conv_bn(ValueId x, int32_t channels, const std::string& name, ConvOptions options = {});
  ValueId depthwise_bn(ValueId x, const std::string& name, ConvOptions options = {});
  ValueId batch_norm(ValueId x, const std::string& name, Activation activation);
  // Halves the image.
  ValueId max_pool(ValueId x, const std::string& name, int32_t window = 2);
  ValueId add(ValueId a, ValueId b, const std::string& name,
              Activation activation = Activation::none);
  ValueId flatten(ValueId x);
  ValueId global_average(ValueId x);  // [N, H, W, C] to [N, C]
  ValueId dense(ValueId x, int32_t units, const std::string& name);
  ValueId dense_relu(ValueId x, int32_t units, const std::string& name);

  // Dense layer and softmax: the network's output, "probabilities". One class is a logit without a
  // softmax: its sign tells two classes apart.
  Graph classify(ValueId x);

 private:
  ValueId weights(Shape shape, int64_t fan_in, const std::string& name);
  ValueId filled(int32_t count, float value, const std::string& name);
  ValueId activate(ValueId x, Activation activation, const std::string& name);
  Padding padding_of(ValueId x, const ConvOptions& options) const;
  ValueId convolution(ValueId x, int32_t channels, const std::string& name,
                      const ConvOptions& options);

  Plan plan_;
  Graph graph_;
};

// One per row of networks.inc.
#define MOTE_NETWORK(name, ...) Graph name(const Plan& plan);
#include "zoo/networks.inc"
#undef MOTE_NETWORK

}  // namespace mote::zoo
