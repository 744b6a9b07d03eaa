# xray_linked_client(<name> [CLIENT <client>] FUNCTIONS f... COMPANIONS f... OPTIONAL f...
# OPTIONAL_COMPANIONS f...): xray::linked_<name>, which leads a program's own copy of the client to
# our wrappers. FUNCTIONS are what is wrapped, COMPANIONS what wrappers call besides: the program
# doesn't link without them. The optional ones are in some versions of the library only; they must be
# in one object with others of its functions, for nothing else brings them into the program.
function(xray_linked_client name)
  set(kinds FUNCTIONS COMPANIONS OPTIONAL OPTIONAL_COMPANIONS)
  cmake_parse_arguments(arg "" "CLIENT" "${kinds}" ${ARGN})
  if(NOT arg_CLIENT)
    set(arg_CLIENT ${name})
  endif()
  foreach(kind IN LISTS kinds)
    list(TRANSFORM arg_${kind} REPLACE "(.+)" "X(\\1)" OUTPUT_VARIABLE list)
    string(TOLOWER ${kind} variable)
    list(JOIN list " " ${variable})
  endforeach()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/linked_${name}.cpp")
  configure_file("${PROJECT_SOURCE_DIR}/instrumentation/linked/linked_client.cpp.in" "${source}" @ONLY)

  set(target xray_linked_${name})
  add_library(${target} STATIC "${source}")
  add_library(xray::linked_${name} ALIAS ${target})
  xray_target(${target} 17)
  target_include_directories(${target} PRIVATE
    "${PROJECT_SOURCE_DIR}/instrumentation" "${PROJECT_SOURCE_DIR}/instrumentation/include")
  # What the linker itself is to put together must not be put together before it.
  target_compile_options(${target} PRIVATE -fno-lto)
  target_link_libraries(${target} PUBLIC xray::instrumentation)
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME linked_${name} POSITION_INDEPENDENT_CODE ON
    XRAY_CLIENT ${arg_CLIENT}
    XRAY_WRAPPED "${arg_FUNCTIONS};${arg_OPTIONAL}"
    XRAY_COMPANIONS "${arg_COMPANIONS};${arg_OPTIONAL_COMPANIONS}")

  # Taken out of their archives in whatever order the linker sees them.
  set(taken xray_linked_client_${name} ${arg_FUNCTIONS} ${arg_COMPANIONS})
  list(TRANSFORM taken PREPEND "LINKER:--undefined=")
  set(wrapped ${arg_FUNCTIONS} ${arg_OPTIONAL})
  list(TRANSFORM wrapped PREPEND "LINKER:--wrap=")
  target_link_options(${target} INTERFACE ${taken} ${wrapped})
endfunction()
