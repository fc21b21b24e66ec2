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
  if (samples.count() > 0 && layout_of(graph, 0, samples.images) == Layout::channels_first)
    notes.push_back(transposed(graph.value(graph.inputs[0]), samples.images.shape));
  if (classes > 0 && classes < class_count(graph))
    notes.push_back(fmt::format("the model tells {} classes apart, the data has {}",
                                class_count(graph), classes));
  if (may_want_scaled_pixels(graph, graph.value(graph.inputs.at(0)), samples.images))
    notes.push_back(fmt::format(
        "pixels of 0 to 255 enter '{}' as they are, and the model does not say what it wants: give "
        "--preprocess, scale=1/255 where it wants 0 to 1, scale=1 where it wants them so",
        graph.value(graph.inputs[0]).name));
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
