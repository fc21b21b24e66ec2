#include "zoo/builder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ir/random.h"
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
ValueId Builder::weights(Shape shape, const std::string& name) {
  Random random(plan_.seed, name);
  const int64_t fan_in = element_count(shape) / shape[0];
  const double deviation = std::sqrt(2.0 / static_cast<double>(fan_in));
  std::vector<float> data(static_cast<size_t>(element_count(shape)));
  for (float& x : data) x = static_cast<float>(deviation * random.normal());
  return add_constant(graph_, name + "/weights", std::move(shape), data);
}

ValueId Builder::filled(int32_t count, float value, const std::string& name) {
  return add_constant(graph_, name, {count}, std::vector<float>(static_cast<size_t>(count), value));
}

ValueId Builder::convolution(ValueId x, int32_t channels, int32_t kernel, int32_t stride,
                             Padding padding, ValueId bias, const std::string& name) {
  const ops::Conv2D conv{.stride = {stride, stride}, .dilation = {}, .padding = padding};
  const ValueId w = weights({channels, kernel, kernel, shape(x)[3]}, name);
  return add_node(graph_, conv, {x, w, bias}, name);
}

ValueId Builder::conv_bn(ValueId x, int32_t channels, const std::string& name,
                         ConvOptions options) {
  const Size2D image{shape(x)[1], shape(x)[2]};
  const Size2D window{options.kernel, options.kernel};
  const Padding padding = same_padding(image, window, {options.stride, options.stride}, {});
  x = convolution(x, channels, options.kernel, options.stride, padding, kNoValue, name);
  const ValueId gamma = filled(channels, 1.0f, name + "/gamma");
  const ValueId beta = filled(channels, 0.0f, name + "/beta");
  const ValueId mean = filled(channels, 0.0f, name + "/mean");
  const ValueId variance = filled(channels, 1.0f, name + "/variance");
  x = add_node(graph_, ops::BatchNorm{}, {x, gamma, beta, mean, variance}, name + "/batch_norm");
  return options.relu ? relu(x, name + "/relu") : x;
}

ValueId Builder::conv_relu(ValueId x, int32_t channels, int32_t kernel, Padding padding,
                           const std::string& name) {
  const ValueId bias = filled(channels, 0.0f, name + "/bias");
  return relu(convolution(x, channels, kernel, 1, padding, bias, name), name + "/relu");
}

ValueId Builder::project(ValueId x, int32_t channels, int32_t stride, const std::string& name) {
  const ValueId bias = filled(channels, 0.0f, name + "/bias");
  return convolution(x, channels, 1, stride, {}, bias, name);
}

ValueId Builder::max_pool(ValueId x, const std::string& name) {
  return add_node(graph_, ops::MaxPool2D{.window = {2, 2}, .stride = {2, 2}, .padding = {}}, {x},
                  name);
}

ValueId Builder::add_relu(ValueId a, ValueId b, const std::string& name) {
  return relu(add_node(graph_, ops::Add{}, {a, b}, name), name + "/relu");
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
  const ValueId w = weights({units, shape(x)[1]}, name);
  const ValueId bias = filled(units, 0.0f, name + "/bias");
  return add_node(graph_, ops::FullyConnected{}, {x, w, bias}, name);
}

ValueId Builder::relu(ValueId x, const std::string& name) {
  return add_node(graph_, ops::Relu{}, {x}, name);
}

Graph Builder::classify(ValueId x) {
  const ValueId logits = dense(x, plan_.classes, "classifier");
  graph_.outputs = {add_node(graph_, ops::Softmax{}, {logits}, "probabilities")};
  return std::move(graph_);
}

}  // namespace mote::zoo
