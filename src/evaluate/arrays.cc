#include "evaluate/arrays.h"

#include <fmt/format.h>

#include "base/error.h"
#include "evaluate/layout.h"

namespace mote::evaluate {
namespace {

// The number of inferences that the arrays are for.
int32_t check(const Graph& graph, const std::vector<Array>& inputs) {
  if (inputs.size() != graph.inputs.size())
    throw Error(
        ErrorKind::usage,
        fmt::format("{} inputs are given, the model has {}", inputs.size(), graph.inputs.size()),
        graph.name);
  int32_t count = 0;
  for (size_t i = 0; i < inputs.size(); i++) {
    const Value& value = graph.value(graph.inputs[i]);
    const std::string where = fmt::format("{}: input '{}'", graph.name, value.name);
    const auto held = batch_of(value.type.shape, inputs[i].shape);
    if (!held || inputs[i].dtype != value.type.dtype)
      throw Error(ErrorKind::usage,
                  fmt::format("{}{} is given, {}{} is taken", name_of(inputs[i].dtype),
                              to_string(inputs[i].shape), name_of(value.type.dtype),
                              to_string(value.type.shape)),
                  where, "a leading N means N inferences; values go in as the model has them");
    if (i > 0 && held->count != count)
      throw Error(ErrorKind::usage, fmt::format("{} inferences, but {} before", held->count, count),
                  where);
    count = held->count;
  }
  return count;
}

}  // namespace

std::vector<Array> run_arrays(Engine& engine, const Graph& graph,
                              const std::vector<Array>& inputs) {
  const int32_t count = check(graph, inputs);
  std::vector<Bytes> bytes;
  for (size_t i = 0; i < inputs.size(); i++) {
    const Shape& shape = graph.value(graph.inputs[i]).type.shape;
    const Layout layout = batch_of(shape, inputs[i].shape)->layout;
    bytes.push_back(layout == Layout::same ? inputs[i].data
                                           : arranged(shape, inputs[i], layout).data);
  }
  std::vector<Bytes> results = engine.run(bytes, count);
  std::vector<Array> outputs;
  for (size_t i = 0; i < graph.outputs.size(); i++) {
    const TensorType& type = graph.value(graph.outputs[i]).type;
    Shape shape = type.shape;
    if (shape.empty() && count > 1) shape = {1};  // numbers make a row
    if (!shape.empty()) shape[0] *= count;
    outputs.push_back({type.dtype, shape, std::move(results.at(i))});
  }
  return outputs;
}

}  // namespace mote::evaluate
