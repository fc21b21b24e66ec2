// DEQUANTIZE <-> Dequantize. Tested by dequantize_test.cc.
#include "ops/dequantize/dequantize.h"
#include "ops/foreign.h"
#include "ops/op_def.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  // Constants of float16 need no node: operators take them as they are.
  const ForeignValue& input = importer.input(0);
  if (input.type.dtype == DType::float16 && input.data) return importer.alias();
  importer.add(ops::Dequantize{}, {importer.id(0)});
}

void export_node(const Op&, Exporter& exporter) {
  const DType type = exporter.input_type(0).dtype;
  const int32_t version = type == DType::int16 ? 3 : (type == DType::int8 ? 2 : 1);
  exporter.add("DEQUANTIZE", version, {exporter.input(0)}, {exporter.output()});
}

}  // namespace

Mapping dequantize_tflite() {
  return {{"DEQUANTIZE"}, import_node, export_node};
}

}  // namespace mote
