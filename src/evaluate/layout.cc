#include "evaluate/layout.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/error.h"

namespace mote::evaluate {
namespace {

Shape without_ones(const Shape& shape) {
  Shape result;
  std::ranges::copy_if(shape, std::back_inserter(result), [](int32_t size) { return size != 1; });
  return result;
}

// What comes behind the first dimension.
Shape behind(const Shape& shape) {
  return shape.empty() ? shape : Shape(shape.begin() + 1, shape.end());
}

bool are_channels_first(const Shape& input, const Shape& sample) {
  return input.size() == 4 && input[0] == 1 && sample == Shape{input[3], input[1], input[2]};
}

}  // namespace

std::optional<Layout> layout_of(const Shape& input, const Shape& sample) {
  const Shape there = without_ones(input), here = without_ones(sample);
  const bool flat = there.size() <= 1 || here.size() <= 1;
  if (there == here || (flat && element_count(there) == element_count(here))) return Layout::same;
  if (are_channels_first(input, sample)) return Layout::channels_first;
  return std::nullopt;
}

Layout layout_of(const Graph& graph, size_t index, const Array& samples) {
  const Value& input = graph.value(graph.inputs.at(index));
  if (const auto layout = layout_of(input.type.shape, behind(samples.shape))) return *layout;
  Shape sample = samples.shape;
  if (!sample.empty()) sample[0] = 1;
  throw Error(ErrorKind::usage,
              fmt::format("the model takes {}, a sample is {}", to_string(input.type.shape),
                          to_string(sample)),
              fmt::format("{}: input '{}'", graph.name, input.name),
              "bring the samples into the model's shape, or take the data that it was made for");
}

std::optional<Batch> batch_of(const Shape& input, const Shape& array) {
  if (array == input) return Batch{};
  if (!array.empty())
    if (const auto layout = layout_of(input, behind(array))) return Batch{array[0], *layout};
  if (const auto layout = layout_of(input, array)) return Batch{1, *layout};
  return std::nullopt;
}

std::vector<size_t> element_order(const Shape& input, Layout layout) {
  std::vector<size_t> order(static_cast<size_t>(element_count(input)));
  std::iota(order.begin(), order.end(), size_t{0});
  if (layout == Layout::same) return order;
  const auto channels = static_cast<size_t>(input.back());
  const size_t area = order.size() / channels;
  for (size_t i = 0; i < order.size(); i++) order[i] = i % channels * area + i / channels;
  return order;
}

Array arranged(const Shape& input, const Array& samples, Layout layout) {
  Array result{samples.dtype, input, {}};
  result.shape.at(0) =
      static_cast<int32_t>(element_count(samples.shape) / (element_count(input) / input.at(0)));
  if (layout == Layout::same) {
    result.data = samples.data;
    return result;
  }
  const auto size = static_cast<size_t>(size_of(samples.dtype));
  const std::vector<size_t> order = element_order(input, layout);
  result.data.resize(samples.data.size());
  for (size_t i = 0; i < samples.data.size() / size; i++) {
    const size_t from = i / order.size() * order.size() + order[i % order.size()];
    std::copy_n(&samples.data[from * size], size, &result.data[i * size]);
  }
  return result;
}

}  // namespace mote::evaluate
