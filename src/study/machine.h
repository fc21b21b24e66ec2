// This machine, as records name it. Tested by local_test.cc.
#pragma once

#include "compress/json.h"

namespace mote::study {

// {"cpu", "cores", "system"}
compress::Json machine();

}  // namespace mote::study
