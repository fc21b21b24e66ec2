// RELU6 <-> Relu6. Tested by relu6_test.cc.
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/relu6/relu6.h"
#include "ops/tflite_version.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  importer.add(ops::Relu6{}, {importer.id(0)});
}

void export_node(const Op&, Exporter& exporter) {
  const int32_t version = tflite_type_version(exporter.output_type().dtype);
  exporter.add("RELU6", version, {exporter.input(0)}, {exporter.output()});
}

}  // namespace

Mapping relu6_tflite() {
  return {{"RELU6"}, import_node, export_node};
}

}  // namespace mote
