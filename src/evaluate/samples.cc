#include "evaluate/samples.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "evaluate/layout.h"
#include "ops/requantization.h"

namespace mote::evaluate {
namespace {

// Element `i` of the images, as a number.
float pixel(const Array& images, size_t i) {
  if (images.dtype == DType::uint8) return images.data[i];
  return reinterpret_cast<const float*>(images.data.data())[i];
}

Bytes encode_input(const Graph& graph, size_t index, const Array& images, int32_t begin,
                   int32_t count) {
  if (images.dtype != DType::uint8 && images.dtype != DType::float32)
    throw Error(ErrorKind::unsupported, fmt::format("images of {}", name_of(images.dtype)),
                graph.name, "store them as uint8 or float32");
  const TensorType& type = graph.value(graph.inputs[index]).type;
  const std::vector<size_t> order = element_order(type.shape, layout_of(graph, index, images));
  const Preprocessing preprocessing =
      graph.preprocessing.empty() ? Preprocessing{} : graph.preprocessing[index];
  std::vector<float> reals;
  reals.reserve(order.size() * static_cast<size_t>(count));
  for (int32_t image = begin; image < begin + count; image++)
    for (size_t i = 0; i < order.size(); i++) {
      const float scale = preprocessing.scale[i % preprocessing.scale.size()];
      const float bias = preprocessing.bias[i % preprocessing.bias.size()];
      const size_t from = static_cast<size_t>(image) * order.size() + order[i];
      reals.push_back(scale * pixel(images, from) + bias);
    }
  if (type.dtype == DType::float32) return to_bytes(std::span<const float>(reals));
  try {
    return quantized(type, reals);
  } catch (const Error& error) {
    throw error.at(graph.name);
  }
}

[[noreturn]] void refuse(const Graph& graph, size_t arrays) {
  if (graph.inputs.empty())
    throw Error(ErrorKind::usage, "the model has no inputs: data tells nothing about it",
                graph.name, "run it without --data");
  std::vector<std::string> names;
  for (const ValueId id : graph.inputs) names.push_back(graph.value(id).name);
  throw Error(
      ErrorKind::usage,
      fmt::format("the model has {} inputs, a sample of the data has {}", names.size(), arrays),
      graph.name,
      fmt::format("give an .npz with an array [N, ...] for each of: {}", fmt::join(names, ", ")));
}

}  // namespace

std::vector<Bytes> encode(const Graph& graph, const datasets::Split& samples, int32_t begin,
                          int32_t count) {
  if (graph.inputs.size() != samples.more.size() + 1) refuse(graph, samples.more.size() + 1);
  std::vector<Bytes> inputs = {encode_input(graph, 0, samples.images, begin, count)};
  for (size_t i = 0; i < samples.more.size(); i++)
    inputs.push_back(encode_input(graph, i + 1, samples.more[i], begin, count));
  return inputs;
}

Bytes encode(const Graph& graph, const Array& images, int32_t begin, int32_t count) {
  if (graph.inputs.size() != 1) refuse(graph, 1);
  return encode_input(graph, 0, images, begin, count);
}

std::vector<std::string> names_of_several_inputs(const Graph& graph) {
  std::vector<std::string> names;
  if (graph.inputs.size() > 1)
    for (const ValueId id : graph.inputs) names.push_back(graph.value(id).name);
  return names;
}

Array encoded(const Graph& graph, const Array& images) {
  const int32_t count = images.shape.empty() ? 0 : images.shape[0];
  Bytes bytes = encode(graph, images, 0, count);
  const TensorType& type = graph.value(graph.inputs.at(0)).type;
  Shape shape = type.shape;
  shape.at(0) = count;
  return {type.dtype, std::move(shape), std::move(bytes)};
}

}  // namespace mote::evaluate
