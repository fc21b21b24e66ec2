// RESHAPE, SQUEEZE, EXPAND_DIMS -> Reshape -> RESHAPE. Tested by reshape_test.cc.
#include "base/error.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/reshape/reshape.h"

namespace mote {
namespace {

// RESHAPE's second operand says the new shape. Old files leave it out, and the other two operators
// say which dimensions come or go; the shape of the file's output says the same.
Shape new_shape(const Importer& importer) {
  if (importer.node.type != "RESHAPE" || !importer.has_input(1) || !importer.input(1).data)
    return importer.output().type.shape;
  Shape shape;
  for (const int64_t size : importer.constant_integers(1)) {
    shape.push_back(static_cast<int32_t>(size));
    if (shape.back() != size)
      throw Error(ErrorKind::invalid_input, "a dimension of the new shape leaves 32 bits");
  }
  return shape;
}

void import_node(Importer& importer) {
  if (importer.has_constant_integers(0)) return importer.fold(importer.constant_integers(0));
  importer.add(ops::Reshape{new_shape(importer)}, {importer.id(0)});
}

void export_node(const Op& op, Exporter& exporter) {
  const std::vector<int32_t>& shape = as<ops::Reshape>(op).shape;
  const int32_t operand = exporter.integers("shape", {static_cast<int32_t>(shape.size())}, shape);
  ForeignNode& node = exporter.add("RESHAPE", 1, {exporter.input(0), operand}, {exporter.output()});
  node.attributes = {{"new_shape", std::vector<int64_t>(shape.begin(), shape.end())}};
}

}  // namespace

Mapping reshape_tflite() {
  return {{"RESHAPE", "SQUEEZE", "EXPAND_DIMS"}, import_node, export_node};
}

}  // namespace mote
