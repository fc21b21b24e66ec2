// MUL <-> Mul. Tested by mul_test.cc.
#include "ops/foreign.h"
#include "ops/mul/mul.h"
#include "ops/op_def.h"

namespace mote {

template <>
void import_tflite<ops::Mul>(Importer& importer) {
  importer.add(ops::Mul{importer.activation()}, {importer.id(0), importer.id(1)});
}

template <>
void export_tflite<ops::Mul>(const Op& op, Exporter& exporter) {
  const DType type = exporter.output_type().dtype;
  const int32_t version = type == DType::int16 ? 4 : (type == DType::int8 ? 2 : 1);
  ForeignNode& node =
      exporter.add("MUL", version, {exporter.input(0), exporter.input(1)}, {exporter.output()});
  node.attributes = {
      {"fused_activation_function", Exporter::activation_name(as<ops::Mul>(op).activation)}};
}

}  // namespace mote
