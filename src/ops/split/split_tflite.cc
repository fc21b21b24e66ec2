// SPLIT, SPLIT_V <-> Split. Tested by split_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/split/split.h"

namespace mote {
namespace {

// The dimension that a constant operand of one number names, negative ones from the end.
size_t read_axis(const Importer& importer, size_t operand, size_t rank) {
  const std::vector<int64_t> axis = importer.constant_integers(operand);
  const auto dimensions = static_cast<int64_t>(rank);
  if (axis.size() != 1 || axis[0] < -dimensions || axis[0] >= dimensions)
    throw Error(ErrorKind::invalid_input,
                fmt::format("the axis of {} dimensions is {}", rank,
                            axis.size() == 1 ? fmt::format("{}", axis[0]) : "no single number"));
  return static_cast<size_t>(axis[0] < 0 ? axis[0] + dimensions : axis[0]);
}

// One size may be -1: what the others leave of the dimension.
std::vector<int32_t> read_sizes(const Importer& importer, int32_t dimension) {
  std::vector<int32_t> sizes;
  int64_t left = dimension;
  for (const int64_t size : importer.constant_integers(1)) {
    if (size < -1 || size > dimension)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("a piece of {} out of a dimension of {}", size, dimension));
    sizes.push_back(static_cast<int32_t>(size));
    if (size > 0) left -= size;
  }
  const auto open = std::ranges::find(sizes, -1);
  if (open != sizes.end()) *open = static_cast<int32_t>(std::max<int64_t>(left, 0));
  return sizes;
}

std::vector<int32_t> equal_sizes(int32_t dimension, size_t pieces) {
  const auto count = static_cast<int32_t>(pieces);
  if (count == 0 || dimension % count != 0)
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} equal pieces of a dimension of {}", count, dimension));
  return std::vector<int32_t>(pieces, dimension / count);
}

void import_node(Importer& importer) {
  const bool equal = importer.node.type == "SPLIT";
  const size_t value = equal ? 1 : 0;
  const Shape& shape = importer.input(value).type.shape;
  const size_t axis = read_axis(importer, equal ? 0 : 2, shape.size());
  const std::vector<int32_t> sizes = equal ? equal_sizes(shape[axis], importer.node.outputs.size())
                                           : read_sizes(importer, shape[axis]);
  importer.add(ops::Split{static_cast<int32_t>(axis), sizes}, {importer.id(value)});
}

int32_t version_of(bool equal, DType type) {
  if (type == DType::float32) return 1;
  return equal && type == DType::int16 ? 4 : 2;
}

void export_node(const Op& op, Exporter& exporter) {
  const auto& split = as<ops::Split>(op);
  const bool equal =
      std::ranges::adjacent_find(split.sizes, std::not_equal_to<>()) == split.sizes.end();
  const auto count = static_cast<int32_t>(split.sizes.size());
  const int32_t axis = exporter.integers("axis", equal ? Shape{} : Shape{1}, {split.axis});
  std::vector<int32_t> inputs = {axis, exporter.input(0)};
  if (!equal) inputs = {exporter.input(0), exporter.integers("sizes", {count}, split.sizes), axis};
  std::vector<int32_t> outputs;
  for (size_t i = 0; i < split.sizes.size(); i++) outputs.push_back(exporter.output(i));
  ForeignNode& node =
      exporter.add(equal ? "SPLIT" : "SPLIT_V", version_of(equal, exporter.input_type(0).dtype),
                   std::move(inputs), std::move(outputs));
  node.attributes = {{"num_splits", int64_t{count}}};
}

}  // namespace

Mapping split_tflite() {
  return {{"SPLIT", "SPLIT_V"}, import_node, export_node};
}

}  // namespace mote
