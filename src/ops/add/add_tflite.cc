// ADD <-> Add. Tested by add_test.cc.
#include "ops/add/add.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/tflite_version.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  importer.add(ops::Add{importer.activation()}, {importer.id(0), importer.id(1)});
}

void export_node(const Op& op, Exporter& exporter) {
  const DType type = exporter.output_type().dtype;
  const int32_t version = tflite_type_version(type);
  ForeignNode& node =
      exporter.add("ADD", version, {exporter.input(0), exporter.input(1)}, {exporter.output()});
  node.attributes = {
      {"fused_activation_function", Exporter::activation_name(as<ops::Add>(op).activation)}};
  if (type == DType::int16) node.attributes.push_back({"pot_scale_int16", int64_t{0}});
}

}  // namespace

Mapping add_tflite() {
  return {{"ADD"}, import_node, export_node};
}

}  // namespace mote
