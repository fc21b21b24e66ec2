// Arrays of any type of number, made the images and labels of a split. Inside datasets/ only;
// tested by array_file_test.cc.
#pragma once

#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace mote::datasets {

// uint8 and float32 images stay as they are, other numbers become float32; [N, H, W] gets one
// channel. Throws Error{invalid_input} naming `where` for a single dimension, and for numbers that
// are not finite.
Array images_of(Array array, const std::string& where);

struct Labels {
  std::vector<int32_t> indices;
  int32_t classes = 0;  // the columns of one-hot labels; else one more than the largest index
};

// Whole numbers of any type, [N] or [N, 1, ...], or one-hot rows [N, K]. Throws
// Error{invalid_input} naming `where` and the sample for anything else.
Labels labels_of(const Array& array, const std::string& where);

}  // namespace mote::datasets
