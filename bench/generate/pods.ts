import type { KubernetesObject } from '../../src/model/object.ts';

/** A pod as `kubectl get -o json` prints one: spec after admission, status, four to five kilobytes. The same for the same number. */
export function generatedPod(index: number): KubernetesObject {
  const app = `app-${index % 200}`;
  const namespace = `team-${index % 50}`;
  const name = `${app}-7d9c5b6f4-${index.toString(36).padStart(5, '0')}`;
  const uid = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
  const container = (role: string): object => ({
    name: role,
    image: `registry.example/${app}/${role}:1.${index % 40}.0`,
    imagePullPolicy: 'IfNotPresent',
    args: ['--listen=:8080', `--name=${name}`, '--log-level=info'],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: `${app}-db`, key: 'password' } } },
    ],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    livenessProbe: {
      httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
      periodSeconds: 10,
      timeoutSeconds: 1,
    },
    readinessProbe: { httpGet: { path: '/ready', port: 'http', scheme: 'HTTP' }, periodSeconds: 5, timeoutSeconds: 1 },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
    ],
  });
  const state = (role: string): object => ({
    name: role,
    containerID: `containerd://${uid.replaceAll('-', '').repeat(2)}`,
    image: `registry.example/${app}/${role}:1.${index % 40}.0`,
    imageID: `registry.example/${app}/${role}@sha256:${uid.replaceAll('-', '').repeat(2)}`,
    ready: true,
    restartCount: index % 3,
    started: true,
    state: { running: { startedAt: '2026-01-01T00:00:10Z' } },
    lastState: {},
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: String(100_000 + index),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: {
        app,
        'pod-template-hash': '7d9c5b6f4',
        'app.kubernetes.io/name': app,
        'app.kubernetes.io/part-of': 'shop',
      },
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app}-7d9c5b6f4`, uid, controller: true }],
    },
    spec: {
      containers: [container('main'), container('proxy')],
      nodeName: `node-${index % 300}`,
      serviceAccountName: app,
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: 30,
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'kube-api-access', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      ],
    },
    status: {
      phase: 'Running',
      podIP: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      hostIP: `192.168.${(index % 300) >> 8}.${(index % 300) & 255}`,
      qosClass: 'Burstable',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: '2026-01-01T00:00:10Z',
      })),
      containerStatuses: [state('main'), state('proxy')],
    },
  };
}
