#include "evaluate/notes.h"

#include <algorithm>

#include <fmt/format.h>

#include "evaluate/classes.h"
#include "evaluate/layout.h"
#include "ops/requantization.h"

namespace mote::evaluate {

namespace {

std::string transposed(const Value& input, const Shape& shape) {
  return fmt::format("'{}': {} has the channels first, it was transposed to go with {}", input.name,
                     to_string(shape), to_string(input.type.shape));
}

std::string scaling_is_open(const Value& input) {
  return fmt::format(
      "pixels of 0 to 255 enter '{}' as they are, and the model does not say what it wants: give "
      "--preprocess, scale=1/255 where it wants 0 to 1, scale=1 where it wants them so",
      input.name);
}

// Pixels of 0 to 255 into an input of which the model does not say what it wants, and that could
// want something else: any float, or integers that stand for numbers up to half of that.
bool may_want_scaled_pixels(const Graph& graph, const Value& input, const Array& samples) {
  if (!graph.preprocessing.empty() || samples.dtype != DType::uint8) return false;
  if (!is_integer(input.type)) return true;
  if (!input.type.quantization) return false;
  const Quantization& q = *input.type.quantization;
  return q.scale[0] * static_cast<float>(integer_range(input.type.dtype).max - q.zero_point[0]) <
         128.0f;
}

}  // namespace

std::vector<std::string> notes_on(const Graph& graph, const datasets::Split& samples,
                                  int32_t classes) {
  std::vector<std::string> notes;
  for (size_t i = 0; i < graph.inputs.size() && samples.count() > 0; i++) {
    if (i > samples.more.size()) break;  // encode says so
    const Array& array = i == 0 ? samples.images : samples.more[i - 1];
    const Value& input = graph.value(graph.inputs[i]);
    if (layout_of(graph, i, array) == Layout::channels_first)
      notes.push_back(transposed(input, array.shape));
    if (may_want_scaled_pixels(graph, input, array)) notes.push_back(scaling_is_open(input));
  }
  if (classes > 0 && classes < class_count(graph))
    notes.push_back(fmt::format("the model tells {} classes apart, the data has {}",
                                class_count(graph), classes));
  return notes;
}

std::vector<std::string> notes_on(const Graph& graph, const std::vector<Array>& inputs) {
  std::vector<std::string> notes;
  for (size_t i = 0; i < std::min(inputs.size(), graph.inputs.size()); i++) {
    const Value& input = graph.value(graph.inputs[i]);
    const auto batch = batch_of(input.type.shape, inputs[i].shape);
    if (batch && batch->layout == Layout::channels_first)
      notes.push_back(transposed(input, inputs[i].shape));
  }
  return notes;
}

}  // namespace mote::evaluate
