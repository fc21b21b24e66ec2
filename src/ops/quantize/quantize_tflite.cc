// QUANTIZE <-> Quantize. Tested by quantize_test.cc.
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/quantize/quantize.h"
#include "ops/requantization.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  const TensorType& type = importer.output().type;
  importer.add(ops::Quantize{type.dtype, scale_of(type), zero_point_of(type)}, {importer.id(0)});
}

void export_node(const Op&, Exporter& exporter) {
  const int32_t version = exporter.output_type().dtype == DType::int16 ? 2 : 1;
  exporter.add("QUANTIZE", version, {exporter.input(0)}, {exporter.output()});
}

}  // namespace

Mapping quantize_tflite() {
  return {{"QUANTIZE"}, import_node, export_node};
}

}  // namespace mote
