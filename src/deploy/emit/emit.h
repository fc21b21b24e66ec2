// emit: a Program printed as a small, readable C11 project, with the kernels that it uses. No
// malloc, no interpreter, no mutable globals; the same program gives the same bytes. Tested by
// emit_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "ir/program.h"

namespace mote::deploy {

// One inference whose outputs are known: for a check on a real board.
struct SelfTest {
  std::vector<Bytes> inputs;  // one per port
  uint32_t output_crc = 0;    // CRC-32 of the outputs' bytes, one port after the other
};

struct EmitOptions {
  std::string name = "model";  // as firmware_name gives it: of the files and, before _, all symbols
  std::vector<Preprocessing> preprocessing;  // as in Graph: per input, or none
  std::vector<std::string> labels;           // of the classes of output 0
  std::optional<SelfTest> self_test;
  // Constants of at least so many bytes stand in NAME_constants.bin instead of NAME.c, with their
  // symbols in NAME_constants.S for a GNU assembler: of a million numbers as text a compiler makes
  // 4 s and 270 MB. 0: all are C.
  int64_t binary_from_bytes = 0;
  // Where the first output is a single number, that of two classes: what it must exceed, as a real
  // number, to mean class 1.
  double decision_threshold = 0;
};

// Text by path within the project: NAME.h, NAME.c, example_main.c, CMakeLists.txt, mote/...
using FirmwareFiles = std::map<std::string, std::string>;

// Throws Error{usage} where firmware_name would change the name.
FirmwareFiles emit(const Program& program, const EmitOptions& options = {});

// A name for a model's files and symbols that resembles `text`: a C identifier in lower case, of 48
// characters at most, that is no word of C, C++, their libraries, CMake or file systems, and none
// of ours. "digits" stays as it is, "My-Net 2" becomes "my_net_2", "stdint" "stdint_model". So
// names that differ in signs only become one: a compiler that sees the headers of two such models
// says so.
std::string firmware_name(const std::string& text);

// Creates the directory with all files at once; in one that exists, each file is replaced whole and
// what else lies there is left alone.
void write_firmware(const std::string& directory, const FirmwareFiles& files);

}  // namespace mote::deploy
