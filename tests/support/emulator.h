// Whether firmware can be built and run on this machine: what tests that need it ask first.
#pragma once

#include <string>

#include "base/error.h"
#include "base/process.h"

namespace mote::testing {

// The tool that is missing, and the package that has it; empty where all are there.
inline std::string why_no_emulator() {
  try {
    for (const char* tool : {"arm-none-eabi-gcc", "qemu-system-arm"})
      run_process({tool, "--version"});
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace mote::testing

#define MOTE_SKIP_WITHOUT_EMULATOR() \
  if (const std::string why = ::mote::testing::why_no_emulator(); !why.empty()) GTEST_SKIP() << why
