// A data set small enough for a test to train on: a bright square in the left or the right half.
#pragma once

#include <string>

#include "ir/graph.h"
#include "ir/npy.h"
#include "tests/support/temp_path.h"

namespace mote {

// Writes an .npz of 160 images [16, 16, 1] of two classes for training and 40 for testing, and
// gives its path. Another `shade` is other pixels.
inline std::string small_data(const std::string& name, int shade = 0) {
  constexpr int kSide = 16;
  std::map<std::string, Array> arrays;
  for (const auto& [key, count] : {std::pair("train", 160), std::pair("test", 40)}) {
    Array images{DType::uint8, {count, kSide, kSide, 1}, {}};
    std::vector<int32_t> classes;
    for (int i = 0; i < count; i++) {
      classes.push_back(i % 2);
      const int left = i % 2 * 8 + i % 3, top = i % 7;
      for (int p = 0; p < kSide * kSide; p++) {
        const int y = p / kSide - top, x = p % kSide - left;
        const bool bright = y >= 0 && y < 6 && x >= 0 && x < 6;
        images.data.push_back(
            static_cast<uint8_t>((bright ? 180 : 0) + (i * 37 + p * 11) % 60 + shade));
      }
    }
    arrays[std::string("x_") + key] = images;
    arrays[std::string("y_") + key] = {
        DType::int32, {count}, to_bytes(std::span<const int32_t>(classes))};
  }
  const std::string path = temp_path(name);
  write_npz(path, arrays);
  return path;
}

}  // namespace mote
