// TFLM's outputs for whole networks, $MOTE_GOLDEN_DIR/int8; README.md there describes the files.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ir/types.h"

namespace mote::testing {

constexpr int kGoldenVectors = 4;

// The input generator that the head of each golden file defines.
inline Bytes golden_input(int vector, size_t size) {
  Bytes bytes(size);
  uint32_t x = static_cast<uint32_t>(vector) + 1;
  for (size_t i = 0; i < size; i++) {
    x = x * 1664525u + 1013904223u;
    const auto byte = static_cast<int8_t>(x >> 24);
    if (vector < 2) bytes[i] = static_cast<uint8_t>(byte);
    if (vector == 2) bytes[i] = static_cast<uint8_t>(byte >> 2);
    if (vector == 3) bytes[i] = static_cast<uint8_t>(i * 7 + i / 96 * 13);
  }
  return bytes;
}

// What the golden file says of one input vector.
struct Expected {
  std::string output;               // hexadecimal
  std::vector<std::string> layers;  // CRC-32 of each operator's output
};

inline std::vector<Expected> read_expected(const std::string& path) {
  std::vector<Expected> vectors(kGoldenVectors);
  std::ifstream file(path);
  std::string line, word, type, size, crc;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    size_t vector = 0, layer = 0;
    words >> word >> vector;
    if (word == "OUT") words >> vectors.at(vector).output;
    if (word != "LAYER") continue;
    words >> layer >> type >> size >> crc;
    vectors.at(vector).layers.push_back(crc.substr(std::string("crc32=").size()));
  }
  return vectors;
}

inline std::string hexadecimal(std::span<const uint8_t> bytes) {
  std::string text;
  for (uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

// Integers are equal; floats differ in the order of their sums.
inline void expect_equal(const TensorType& type, const Bytes& got, const Bytes& expected) {
  ASSERT_EQ(got.size(), expected.size());
  if (type.dtype != DType::float32) {
    EXPECT_EQ(got, expected);
    return;
  }
  for (size_t at = 0; at < got.size(); at += sizeof(float)) {
    float a = 0, b = 0;
    std::memcpy(&a, &got[at], sizeof a);
    std::memcpy(&b, &expected[at], sizeof b);
    ASSERT_NEAR(a, b, 1e-5f * std::max(1.0f, std::abs(b))) << "element " << at / sizeof a;
  }
}

}  // namespace mote::testing
