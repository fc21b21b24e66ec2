#include "evaluate/samples.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "ops/requantization.h"

namespace mote::evaluate {
namespace {

// Element `i` of the images, as a number.
float pixel(const Array& images, size_t i) {
  if (images.dtype == DType::uint8) return images.data[i];
  return reinterpret_cast<const float*>(images.data.data())[i];
}

void check_shapes(const Graph& graph, const Array& images) {
  if (graph.inputs.size() != 1)
    throw Error(ErrorKind::usage, fmt::format("{} inputs, a data set has one", graph.inputs.size()),
                graph.name, "use `mote run` with one --input per input");
  if (images.dtype != DType::uint8 && images.dtype != DType::float32)
    throw Error(ErrorKind::unsupported, fmt::format("images of {}", name_of(images.dtype)),
                graph.name, "store them as uint8 or float32");
  const Value& input = graph.value(graph.inputs[0]);
  Shape image = images.shape;
  if (!image.empty()) image[0] = 1;
  if (image != input.type.shape && element_count(image) != element_count(input.type.shape))
    throw Error(ErrorKind::usage,
                fmt::format("the model takes {}, an image is {}", to_string(input.type.shape),
                            to_string(image)),
                fmt::format("{}: input '{}'", graph.name, input.name),
                "take the data set that the model was made for");
}

template <class T>
int32_t largest(const Bytes& bytes, size_t begin, size_t count) {
  const T* first = reinterpret_cast<const T*>(bytes.data()) + begin;
  return static_cast<int32_t>(std::max_element(first, first + count) - first);
}

}  // namespace

Bytes encode(const Graph& graph, const Array& images, int32_t begin, int32_t count) {
  check_shapes(graph, images);
  const TensorType& type = graph.value(graph.inputs[0]).type;
  const Preprocessing preprocessing =
      graph.preprocessing.empty() ? Preprocessing{} : graph.preprocessing[0];
  const auto size = static_cast<size_t>(element_count(type.shape));
  std::vector<float> reals(size * static_cast<size_t>(count));
  for (size_t i = 0; i < reals.size(); i++) {
    const float scale = preprocessing.scale[i % preprocessing.scale.size()];
    const float bias = preprocessing.bias[i % preprocessing.bias.size()];
    reals[i] = scale * pixel(images, static_cast<size_t>(begin) * size + i) + bias;
  }
  if (type.dtype == DType::float32) return to_bytes(std::span<const float>(reals));
  try {
    return quantized(type, reals);
  } catch (const Error& error) {
    throw error.at(graph.name);
  }
}

std::vector<int32_t> classify(const Graph& graph, const Bytes& output, int32_t count) {
  const TensorType& type = graph.value(graph.outputs.at(0)).type;
  const auto size = static_cast<size_t>(element_count(type.shape));
  std::vector<int32_t> classes;
  for (size_t i = 0; i < static_cast<size_t>(count); i++) {
    switch (type.dtype) {
      case DType::float32:
        classes.push_back(largest<float>(output, i * size, size));
        break;
      case DType::int8:
        classes.push_back(largest<int8_t>(output, i * size, size));
        break;
      case DType::uint8:
        classes.push_back(largest<uint8_t>(output, i * size, size));
        break;
      case DType::int16:
        classes.push_back(largest<int16_t>(output, i * size, size));
        break;
      default:
        throw Error(ErrorKind::unsupported, fmt::format("class scores of {}", name_of(type.dtype)),
                    graph.name);
    }
  }
  return classes;
}

}  // namespace mote::evaluate
