"""Programs that the self-test runs."""

# Prints a line for each thing that must not be, then "end". One process stays behind, if it can.
PROBE = r"""
exec 2>/dev/null
[ "$UID" != 0 ] || echo "programs run as root"
[ ! -e "{file}" ] || echo "files of the host are visible"
if : >> /proc/sys/kernel/core_pattern; then echo "core_pattern can be written"; fi
for place in / /usr/bin /usr/lib /etc /box /dev /proc/sys/kernel; do
  if : > "$place/judge-probe"; then echo "$place can be written"; fi
done
said=$(LC_ALL=C exec 2>&1; : 3<>/dev/tcp/127.0.0.1/9)
case "$said" in *"Address family not supported"*) ;; *) echo "sockets of the internet can be made: $said" ;; esac
if unshare -U true; then echo "namespaces can be made"; fi
if [ -e /proc/1 ]; then
  set -- /proc/[0-9]*
  [ $# -le 4 ] || echo "processes of the host are visible"
fi
cat /proc/*/environ | tr '\0' '\n' | grep -a canary
env | grep canary
(setsid sleep "30.{word}" &)
(setsid bash -c 'sleep 30 # {word}' &)
echo end
"""
SPINNER = "while :; do :; done"
BALLOON = "text=xxxxxxxxxxxxxxxx; while :; do text=$text$text; done"

# Each adds the numbers on its input; Node.js and Bash do it in a way that needs /proc, as people will.
SUM = {
    "python": "import sys\nprint(sum(map(int, sys.stdin.read().split())))\n",
    "javascript": (
        'const text = require("fs").readFileSync("/dev/stdin", "utf8");\n'
        "console.log(text.trim().split(/\\s+/).map(Number).reduce((a, b) => a + b));\n"
    ),
    "c": '#include <stdio.h>\nint main(void) { int a, b; scanf("%d %d", &a, &b); printf("%d\\n", a + b); }\n',
    "cpp": "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }\n",
    "java": (
        "import java.util.Scanner;\npublic class Main { public static void main(String[] words) {\n"
        "Scanner in = new Scanner(System.in); System.out.println(in.nextInt() + in.nextInt()); } }\n"
    ),
    "bash": "read -r a b\ncat <(echo $((a + b)))\n",
}
