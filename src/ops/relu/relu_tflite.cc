// RELU <-> Relu. Tested by relu_test.cc.
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/relu/relu.h"
#include "ops/tflite_version.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  importer.add(ops::Relu{}, {importer.id(0)});
}

void export_node(const Op&, Exporter& exporter) {
  const int32_t version = tflite_type_version(exporter.output_type().dtype);
  exporter.add("RELU", version, {exporter.input(0)}, {exporter.output()});
}

}  // namespace

Mapping relu_tflite() {
  return {{"RELU"}, import_node, export_node};
}

}  // namespace mote
