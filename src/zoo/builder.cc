#include "zoo/builder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "ir/node.h"
#include "ops/verify.h"

namespace mote::zoo {

Builder::Builder(const Plan& plan) : plan_(plan) {
  graph_.name = plan.name;
  Shape shape = plan.input;
  shape.insert(shape.begin(), 1);
  graph_.inputs = {add_value(graph_, "image", {DType::float32, shape, {}})};
  graph_.preprocessing = {{{1.0f / 255.0f}, {0.0f}}};
}

int32_t Builder::scaled(int32_t channels) const {
  return std::max(1, static_cast<int32_t>(channels * plan_.width + 0.5));
}

// Each tensor draws from a stream of its own name: changing one layer leaves the others as they
// were.
ValueId Builder::weights(Shape shape, int64_t fan_in, const std::string& name) {
  if (plan_.shapes_only) {
    const ValueId id = add_value(graph_, name + "/weights", {DType::float32, std::move(shape), {}});
    graph_.value(id).data = std::make_shared<const Bytes>();
    return id;
  }
  Random random(plan_.seed, name);
  const double deviation = std::sqrt(2.0 / static_cast<double>(fan_in));
  std::vector<float> data(static_cast<size_t>(element_count(shape)));
  for (float& x : data) x = static_cast<float>(deviation * random.normal());
  return add_constant(graph_, name + "/weights", std::move(shape), data);
}

ValueId Builder::filled(int32_t count, float value, const std::string& name) {
  return add_constant(graph_, name, {count}, std::vector<float>(static_cast<size_t>(count), value));
}

ValueId Builder::activate(ValueId x, Activation activation, const std::string& name) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return add_node(graph_, ops::Relu{}, {x}, name + "/relu");
    case Activation::relu6:
      return add_node(graph_, ops::Relu6{}, {x}, name + "/relu6");
    case Activation::relu_n1_to_1:
      break;
  }
  throw Error(ErrorKind::internal, "no network has this activation", name);
}

Padding Builder::padding_of(ValueId x, const ConvOptions& options) const {
  if (options.padding) return *options.padding;
  return same_padding({shape(x)[1], shape(x)[2]}, {options.kernel, options.kernel},
                      {options.stride, options.stride}, {});
}

ValueId Builder::convolution(ValueId x, int32_t channels, const std::string& name,
                             const ConvOptions& options) {
  const ops::Conv2D conv{.stride = {options.stride, options.stride},
                         .dilation = {},
                         .padding = padding_of(x, options)};
  const int32_t kernel = options.kernel, inputs = shape(x)[3];
  const ValueId bias = options.bias ? filled(channels, 0.0f, name + "/bias") : kNoValue;
  const ValueId w = weights({channels, kernel, kernel, inputs}, kernel * kernel * inputs, name);
  return add_node(graph_, conv, {x, w, bias}, name);
}

ValueId Builder::conv(ValueId x, int32_t channels, const std::string& name, ConvOptions options) {
  return activate(convolution(x, channels, name, options), options.activation, name);
}

ValueId Builder::conv_bn(ValueId x, int32_t channels, const std::string& name,
                         ConvOptions options) {
  return batch_norm(convolution(x, channels, name, options), name, options.activation);
}

ValueId Builder::depthwise_bn(ValueId x, const std::string& name, ConvOptions options) {
  const ops::DepthwiseConv2D conv{.stride = {options.stride, options.stride},
                                  .dilation = {},
                                  .padding = padding_of(x, options)};
  const int32_t kernel = options.kernel;
  const ValueId w = weights({1, kernel, kernel, shape(x)[3]}, kernel * kernel, name);
  return batch_norm(add_node(graph_, conv, {x, w, kNoValue}, name), name, options.activation);
}

ValueId Builder::batch_norm(ValueId x, const std::string& name, Activation activation) {
  const int32_t channels = shape(x).back();
  const ValueId gamma = filled(channels, 1.0f, name + "/gamma");
  const ValueId beta = filled(channels, 0.0f, name + "/beta");
  const ValueId mean = filled(channels, 0.0f, name + "/mean");
  const ValueId variance = filled(channels, 1.0f, name + "/variance");
  x = add_node(graph_, ops::BatchNorm{}, {x, gamma, beta, mean, variance}, name + "/batch_norm");
  return activate(x, activation, name);
}

ValueId Builder::max_pool(ValueId x, const std::string& name, int32_t window) {
  const ops::MaxPool2D pool{.window = {window, window},
                            .stride = {2, 2},
                            .padding = padding_of(x, {.kernel = window, .stride = 2})};
  return add_node(graph_, pool, {x}, name);
}

ValueId Builder::add(ValueId a, ValueId b, const std::string& name, Activation activation) {
  return activate(add_node(graph_, ops::Add{}, {a, b}, name), activation, name);
}

ValueId Builder::flatten(ValueId x) {
  const auto features = static_cast<int32_t>(element_count(shape(x)) / shape(x)[0]);
  return add_node(graph_, ops::Reshape{{-1, features}}, {x}, "flatten");
}

ValueId Builder::global_average(ValueId x) {
  const Size2D window{shape(x)[1], shape(x)[2]};
  return flatten(add_node(graph_,
                          ops::AveragePool2D{.window = window, .stride = window, .padding = {}},
                          {x}, "global_average"));
}

ValueId Builder::dense(ValueId x, int32_t units, const std::string& name) {
  const ValueId w = weights({units, shape(x)[1]}, shape(x)[1], name);
  const ValueId bias = filled(units, 0.0f, name + "/bias");
  return add_node(graph_, ops::FullyConnected{}, {x, w, bias}, name);
}

ValueId Builder::dense_relu(ValueId x, int32_t units, const std::string& name) {
  return activate(dense(x, units, name), Activation::relu, name);
}

Graph Builder::classify(ValueId x) {
  const ValueId logits = dense(x, plan_.classes, "classifier");
  // A softmax of one number is always 1.
  if (plan_.classes == 1) {
    graph_.outputs = {logits};
    return std::move(graph_);
  }
  graph_.outputs = {add_node(graph_, ops::Softmax{}, {logits}, "probabilities")};
  return std::move(graph_);
}

}  // namespace mote::zoo
