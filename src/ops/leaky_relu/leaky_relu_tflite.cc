// LEAKY_RELU <-> LeakyRelu. Tested by leaky_relu_test.cc.
#include "ops/foreign.h"
#include "ops/leaky_relu/leaky_relu.h"
#include "ops/op_def.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  const auto alpha = static_cast<float>(importer.real("alpha", 0.0));
  importer.add(ops::LeakyRelu{alpha}, {importer.id(0)});
}

void export_node(const Op& op, Exporter& exporter) {
  const int32_t version = exporter.output_type().dtype == DType::float32 ? 1 : 2;
  ForeignNode& node = exporter.add("LEAKY_RELU", version, {exporter.input(0)}, {exporter.output()});
  node.attributes = {{"alpha", static_cast<double>(as<ops::LeakyRelu>(op).alpha)}};
}

}  // namespace

Mapping leaky_relu_tflite() {
  return {{"LEAKY_RELU"}, import_node, export_node};
}

}  // namespace mote
