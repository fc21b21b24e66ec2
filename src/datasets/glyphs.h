// `glyphs`, the built-in data set: digits drawn from strokes, warped, partly hidden and noised, so
// that everything can be tried without a download. Synthetic; no figure on it says anything about
// real data. The same bytes for a seed on every machine (integers, + - * / and sqrt only). Tested
// by glyphs_test.cc.
#pragma once

#include <cstdint>

#include "datasets/dataset.h"

namespace mote::datasets {

// uint8 [12000, 28, 28, 1] for training, 2000 for testing; no image is in both.
Dataset make_glyphs(uint64_t seed);
Info glyphs_info();

}  // namespace mote::datasets
