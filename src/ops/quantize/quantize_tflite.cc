// QUANTIZE <-> Quantize. Tested by quantize_test.cc.
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/quantize/quantize.h"
#include "ops/requantization.h"

namespace mote {

template <>
void import_tflite<ops::Quantize>(Importer& importer) {
  const TensorType& type = importer.output().type;
  importer.add(ops::Quantize{type.dtype, scale_of(type), zero_point_of(type)}, {importer.id(0)});
}

template <>
void export_tflite<ops::Quantize>(const Op&, Exporter& exporter) {
  const int32_t version = exporter.output_type().dtype == DType::int16 ? 2 : 1;
  exporter.add("QUANTIZE", version, {exporter.input(0)}, {exporter.output()});
}

}  // namespace mote
