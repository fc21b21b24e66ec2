// MUL <-> Mul. Tested by mul_test.cc.
#include "ops/foreign.h"
#include "ops/mul/mul.h"
#include "ops/op_def.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  importer.add(ops::Mul{importer.activation()}, {importer.id(0), importer.id(1)});
}

void export_node(const Op& op, Exporter& exporter) {
  const DType type = exporter.output_type().dtype;
  const int32_t version = type == DType::int16 ? 4 : (type == DType::int8 ? 2 : 1);
  ForeignNode& node =
      exporter.add("MUL", version, {exporter.input(0), exporter.input(1)}, {exporter.output()});
  node.attributes = {
      {"fused_activation_function", Exporter::activation_name(as<ops::Mul>(op).activation)}};
}

}  // namespace

Mapping mul_tflite() {
  return {{"MUL"}, import_node, export_node};
}

}  // namespace mote
