// The records as the page carries them: columns instead of rows, texts and lists that recur (names
// of layers, MACs, memory plans) stored once, numbers to the digits that are shown. 1,000 records
// of ten classes take about a megabyte. src/report/data.js unpacks it; tested by page_test.cc.
#pragma once

#include "report/report.h"

namespace mote::report {

Json pack(const Records& records, const Made& made);

}  // namespace mote::report
