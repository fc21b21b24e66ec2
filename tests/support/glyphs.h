// The built-in digits, drawn once for all tests of a program.
#pragma once

#include "datasets/dataset.h"

namespace mote {

inline const datasets::Dataset& glyphs() {
  static const datasets::Dataset data = datasets::load("glyphs");
  return data;
}

}  // namespace mote
