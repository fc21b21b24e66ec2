// MAX_POOL_2D <-> MaxPool2D. Tested by max_pool2d_test.cc.
#include "ops/foreign.h"
#include "ops/max_pool2d/max_pool2d.h"
#include "ops/pool_tflite.h"

namespace mote {

template <>
void import_tflite<ops::MaxPool2D>(Importer& importer) {
  import_pool<ops::MaxPool2D>(importer);
}

template <>
void export_tflite<ops::MaxPool2D>(const Op& op, Exporter& exporter) {
  export_pool("MAX_POOL_2D", as<ops::MaxPool2D>(op), exporter);
}

}  // namespace mote
