#include "evaluate/notes.h"

#include <algorithm>

#include <fmt/format.h>

#include "evaluate/classes.h"
#include "evaluate/layout.h"

namespace mote::evaluate {

namespace {

std::string transposed(const Value& input, const Shape& shape) {
  return fmt::format("'{}': {} has the channels first, it was transposed to go with {}", input.name,
                     to_string(shape), to_string(input.type.shape));
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
