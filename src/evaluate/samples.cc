#include "evaluate/samples.h"

#include <fmt/format.h>

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

void check(const Graph& graph, const Array& images) {
  if (graph.inputs.size() != 1)
    throw Error(ErrorKind::usage, fmt::format("{} inputs, a data set has one", graph.inputs.size()),
                graph.name, "use `mote run` with one --input per input");
  if (images.dtype != DType::uint8 && images.dtype != DType::float32)
    throw Error(ErrorKind::unsupported, fmt::format("images of {}", name_of(images.dtype)),
                graph.name, "store them as uint8 or float32");
}

}  // namespace

Bytes encode(const Graph& graph, const Array& images, int32_t begin, int32_t count) {
  check(graph, images);
  const TensorType& type = graph.value(graph.inputs[0]).type;
  const std::vector<size_t> order = element_order(type.shape, layout_of(graph, 0, images));
  const Preprocessing preprocessing =
      graph.preprocessing.empty() ? Preprocessing{} : graph.preprocessing[0];
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

Array encoded(const Graph& graph, const Array& images) {
  const int32_t count = images.shape.empty() ? 0 : images.shape[0];
  Bytes bytes = encode(graph, images, 0, count);
  const TensorType& type = graph.value(graph.inputs.at(0)).type;
  Shape shape = type.shape;
  shape.at(0) = count;
  return {type.dtype, std::move(shape), std::move(bytes)};
}

}  // namespace mote::evaluate
