using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>A change of a folder, as the system was asked for it. Paths are relative to the folder.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Path">The file or folder.</param>
/// <param name="Target">The new name of a rename or link, else empty.</param>
/// <param name="Offset">Where content was written, or the new length of a truncated file.</param>
/// <param name="Content">What was written.</param>
internal sealed record Operation(
    OperationKind Kind,
    string Path,
    string Target = "",
    long Offset = 0,
    byte[]? Content = null
)
{
    public override string ToString() => $"{Kind} {Path} {Target} {Offset} {Content?.Length}";
}

/// <summary>The kinds of changes.</summary>
internal enum OperationKind
{
    Create,
    Write,
    Truncate,
    Sync,
    Rename,
    Link,
    Unlink,
    MakeFolder,
    RemoveFolder,
}

/// <summary>The changes of a folder in a trace of strace (<c>-f -y</c>, strings not cut).</summary>
internal static partial class OperationLog
{
    /// <summary>The calls to trace.</summary>
    public const string Calls =
        "openat,pwrite64,fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,ftruncate";

    /// <summary>The successful changes below a folder, in their order.</summary>
    public static List<Operation> Read(string trace, string folder)
    {
        var prefix = folder + "/";
        var operations = new List<Operation>();
        foreach (var line in FileTrace.Calls(trace))
        {
            var call = Call().Match(line);
            if (!call.Success || line.Contains(" = -1 ", StringComparison.Ordinal))
            {
                continue;
            }

            var texts = Texts().Matches(line).Select(match => Unescape(match.Groups[1].Value)).ToArray();
            string[] paths = [.. texts.Select(text => Encoding.UTF8.GetString(text)).Where(IsInside).Select(Relative)];
            var file =
                Descriptor().Match(line) is { Success: true } match && IsInside(match.Groups[1].Value)
                    ? Relative(match.Groups[1].Value)
                    : null;
            switch (call.Groups[1].Value)
            {
                case "openat" when paths is [var path] && line.Contains("O_CREAT", StringComparison.Ordinal):
                    operations.Add(new Operation(OperationKind.Create, path));
                    break;
                case "openat" when paths is [var path] && line.Contains("O_TRUNC", StringComparison.Ordinal):
                    operations.Add(new Operation(OperationKind.Truncate, path));
                    break;
                case "pwrite64" when file is not null:
                    operations.Add(new Operation(OperationKind.Write, file, Offset: Last(line), Content: texts[0]));
                    break;
                case "ftruncate" when file is not null:
                    operations.Add(new Operation(OperationKind.Truncate, file, Offset: Last(line)));
                    break;
                case "fsync" when file is not null || line.Contains($"<{folder}>", StringComparison.Ordinal):
                    operations.Add(new Operation(OperationKind.Sync, file ?? ""));
                    break;
                case "rename" or "renameat" or "renameat2" when paths is [var from, var to]:
                    operations.Add(new Operation(OperationKind.Rename, from, to));
                    break;
                case "link" or "linkat" when paths is [var from, var to]:
                    operations.Add(new Operation(OperationKind.Link, from, to));
                    break;
                case "unlink" or "unlinkat" when paths is [var path]:
                    operations.Add(
                        new Operation(
                            line.Contains("AT_REMOVEDIR", StringComparison.Ordinal)
                                ? OperationKind.RemoveFolder
                                : OperationKind.Unlink,
                            path
                        )
                    );
                    break;
                case "mkdir" or "mkdirat" when paths is [var path]:
                    operations.Add(new Operation(OperationKind.MakeFolder, path));
                    break;
                case "rmdir" when paths is [var path]:
                    operations.Add(new Operation(OperationKind.RemoveFolder, path));
                    break;
            }
        }

        return operations;

        bool IsInside(string path) => path.StartsWith(prefix, StringComparison.Ordinal);

        string Relative(string path) => path[prefix.Length..];

        static long Last(string line) => long.Parse(Number().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>The bytes of a string as strace writes it: C's escapes.</summary>
    private static byte[] Unescape(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add((byte)text[i]);
                continue;
            }

            i++;
            if (text[i] is >= '0' and <= '7')
            {
                var value = 0;
                var digits = 0;
                for (; digits < 3 && i + digits < text.Length && text[i + digits] is >= '0' and <= '7'; digits++)
                {
                    value = (value * 8) + text[i + digits] - '0';
                }

                bytes.Add((byte)value);
                i += digits - 1;
                continue;
            }

            bytes.Add(
                text[i] switch
                {
                    'n' => (byte)'\n',
                    't' => (byte)'\t',
                    'r' => (byte)'\r',
                    'v' => (byte)'\v',
                    'f' => (byte)'\f',
                    var plain => (byte)plain,
                }
            );
        }

        return [.. bytes];
    }

    [GeneratedRegex(@"^\d+ +(\w+)\(")]
    private static partial Regex Call();

    [GeneratedRegex(@"""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Texts();

    [GeneratedRegex(@"^\d+ +\w+\(\d+<([^>]*)>")]
    private static partial Regex Descriptor();

    [GeneratedRegex(@", (\d+)\) += ")]
    private static partial Regex Number();
}
