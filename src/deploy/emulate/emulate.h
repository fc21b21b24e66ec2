// emulate: builds a program's firmware with the device's compiler, measures it, and runs it in the
// device's emulator on samples. The measured firmware is start-up, model and a bare main; a second
// ELF with the same objects feeds the samples. Tested by emulate_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "deploy/devices/device.h"
#include "deploy/emit/emit.h"
#include "deploy/emulate/instruction_mix.h"
#include "ir/program.h"

namespace mote::deploy {

// All measured on the linked firmware.
struct FirmwareSize {
  int64_t flash_bytes = 0;     // everything linked: constant_bytes + code_bytes
  int64_t constant_bytes = 0;  // of the network
  int64_t code_bytes = 0;      // the rest: code, parameters, vectors, initial values
  int64_t arena_bytes = 0;     // activations, ports and scratch
  int64_t static_bytes = 0;    // other variables
  // What of flash and RAM lies in the device's external memory, where these exceed its own.
  int64_t external_flash_bytes = 0;
  int64_t external_ram_bytes = 0;
};

struct EmulationResult {
  FirmwareSize size;
  int64_t stack_bytes = 0;  // painted high-water mark of main and the inference
  int64_t ram_bytes = 0;    // arena + static + stack
  // Of the first sample's inference.
  int64_t instructions = 0;
  InstructionMix mix;
  std::vector<InstructionMix> steps;        // by step of the schedule: kernel and operands' set-up
  std::vector<std::vector<Bytes>> outputs;  // by sample, by port
};

// Compiles and links. Throws Error{over_budget} that says what exceeds the device by how much,
// Error{unsupported} where a tool is missing or the core has no start-up code here.
FirmwareSize measure(const Program& program, const Device& device, const EmitOptions& options = {});

// The same, and runs at least one sample: `samples` holds the bytes of each input, by sample.
EmulationResult emulate(const Program& program, const Device& device, const EmitOptions& options,
                        std::span<const std::vector<Bytes>> samples);

}  // namespace mote::deploy
