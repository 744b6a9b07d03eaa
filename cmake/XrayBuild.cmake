# What every part of this build shares: output folders, warnings, sanitizers, compiler cache.
# A subproject gets nothing of it but the helper functions: its owner's settings rule.

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
  set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_CXX_EXTENSIONS OFF)
  set(CMAKE_CXX_VISIBILITY_PRESET hidden)
  set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  find_program(XRAY_CCACHE ccache)
  if(XRAY_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${XRAY_CCACHE}")
  endif()
  if(XRAY_SANITIZE)
    add_compile_options(-fsanitize=${XRAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${XRAY_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND XRAY_SANITIZE MATCHES "thread")
      add_compile_options(-Wno-tsan)  # Asio's fences, which GCC's thread sanitizer does not follow
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      add_compile_options(-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/sanitizer_exceptions.txt)
    endif()
  endif()
endif()

# Warnings are errors in this project's own build, and nobody else's business.
add_library(xray_warnings INTERFACE)
if(PROJECT_IS_TOP_LEVEL)
  target_compile_options(xray_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
    # GCC 12 sees overlaps in `"text" + string` that are none (its bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
endif()

# xray_target(<target> <C++ standard>): our warnings and our language standard.
function(xray_target target standard)
  target_compile_features(${target} PUBLIC cxx_std_${standard})
  set_target_properties(${target} PROPERTIES CXX_STANDARD ${standard} CXX_STANDARD_REQUIRED ON)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:xray_warnings>)
endfunction()
