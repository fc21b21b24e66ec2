// ADD <-> Add. Tested by add_test.cc.
#include "ops/op_def.h"

namespace mote {

template <>
void import_tflite<ops::Add>(Importer& importer) {
  importer.add(ops::Add{importer.activation()}, {importer.id(0), importer.id(1)});
}

template <>
void export_tflite<ops::Add>(const Op& op, Exporter& exporter) {
  const int32_t version = exporter.output_type().dtype == DType::float32 ? 1 : 2;
  ForeignNode& node =
      exporter.add("ADD", version, {exporter.input(0), exporter.input(1)}, {exporter.output()});
  node.attributes = {
      {"fused_activation_function", Exporter::activation_name(as<ops::Add>(op).activation)}};
}

}  // namespace mote
