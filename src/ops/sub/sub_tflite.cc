// SUB <-> Sub. Tested by sub_test.cc.
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/sub/sub.h"

namespace mote {
namespace {

// The first version of TFLite that knows what the node needs.
int32_t version_of(DType type) {
  if (type == DType::int16) return 5;
  return type == DType::int8 ? 2 : 1;
}

void import_node(Importer& importer) {
  importer.add(ops::Sub{importer.activation()}, {importer.id(0), importer.id(1)});
}

void export_node(const Op& op, Exporter& exporter) {
  const DType type = exporter.output_type().dtype;
  ForeignNode& node = exporter.add("SUB", version_of(type), {exporter.input(0), exporter.input(1)},
                                   {exporter.output()});
  node.attributes = {
      {"fused_activation_function", Exporter::activation_name(as<ops::Sub>(op).activation)}};
  if (type == DType::int16) node.attributes.push_back({"pot_scale_int16", int64_t{0}});
}

}  // namespace

Mapping sub_tflite() {
  return {{"SUB"}, import_node, export_node};
}

}  // namespace mote
