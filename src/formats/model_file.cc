// Only outside interface: model_file.h. Tested by model_file_test.cc.
#include "formats/model_file.h"

#include <filesystem>
#include <string_view>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "formats/tflite/tflite.h"
#include "ir/mote_file.h"
#include "ops/foreign.h"
#include "ops/verify.h"

namespace mote::formats {
namespace {

enum class FileKind { tflite, mote, onnx, unknown };

FileKind kind_by_extension(const std::string& path) {
  if (has_extension(path, ".tflite")) return FileKind::tflite;
  if (has_extension(path, ".mote")) return FileKind::mote;
  if (has_extension(path, ".onnx")) return FileKind::onnx;
  return FileKind::unknown;
}

FileKind kind_of(const std::string& path, const Bytes& bytes) {
  const std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (content.substr(0, 8).ends_with("TFL3")) return FileKind::tflite;
  if (content.starts_with("PK\x03\x04")) return FileKind::mote;
  return kind_by_extension(path);
}

[[noreturn]] void no_onnx(const std::string& path) {
  throw Error(ErrorKind::unsupported, "ONNX models are not read or written yet", path,
              "convert the model to TFLite");
}

Graph read_tflite(const std::string& path, const Bytes& bytes, std::vector<std::string>* notes) {
  const ForeignGraph foreign = parse_tflite(bytes, path);
  try {
    return import_graph(foreign, Format::tflite, notes);
  } catch (const Error& error) {
    throw error.at(path);
  }
}

Graph read_mote(const std::string& path) {
  Graph graph = read_mote_file(path).graph;
  try {
    verify(graph, Level::imported);
  } catch (const Error& error) {
    throw error.at(path);
  }
  return graph;
}

Graph read_any(const std::string& path, std::vector<std::string>* notes) {
  const Bytes bytes = read_file(path);
  switch (kind_of(path, bytes)) {
    case FileKind::tflite:
      return read_tflite(path, bytes, notes);
    case FileKind::mote:
      return read_mote(path);
    case FileKind::onnx:
      no_onnx(path);
    case FileKind::unknown:
      break;
  }
  throw Error(ErrorKind::invalid_input, "neither a .tflite nor a .mote model", path);
}

}  // namespace

Graph read_model(const std::string& path, std::vector<std::string>* notes) {
  Graph graph = read_any(path, notes);
  // Converters call every graph "main".
  if (graph.name.empty() || graph.name == "main") graph.name = std::filesystem::path(path).stem();
  return graph;
}

void check_writable(const std::string& path) {
  const FileKind kind = kind_by_extension(path);
  if (kind != FileKind::tflite && kind != FileKind::mote)
    throw Error(ErrorKind::usage, "a model is written as .tflite or .mote", path);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder))
    throw Error(ErrorKind::usage, "no such folder", folder.string(), "create it first");
}

void write_model(const std::string& path, const Graph& graph, const ExportOptions& options) {
  switch (kind_by_extension(path)) {
    case FileKind::tflite:
      return write_file(path, print_tflite(export_graph(graph, Format::tflite, options)));
    case FileKind::mote:
      return write_mote_file(path, graph);
    case FileKind::onnx:
      no_onnx(path);
    case FileKind::unknown:
      break;
  }
  throw Error(ErrorKind::usage, "no model format has this extension", path,
              "models are written as .tflite or .mote");
}

}  // namespace mote::formats
