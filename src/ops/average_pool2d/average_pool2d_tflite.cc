// AVERAGE_POOL_2D <-> AveragePool2D. Tested by average_pool2d_test.cc.
#include "ops/average_pool2d/average_pool2d.h"
#include "ops/foreign.h"
#include "ops/pool_tflite.h"

namespace mote {

template <>
void import_tflite<ops::AveragePool2D>(Importer& importer) {
  import_pool<ops::AveragePool2D>(importer);
}

template <>
void export_tflite<ops::AveragePool2D>(const Op& op, Exporter& exporter) {
  export_pool("AVERAGE_POOL_2D", as<ops::AveragePool2D>(op), exporter);
}

}  // namespace mote
